"""An emulated self-hosted Bitrix24 box: REST over real HTTP and a small portal page for people.

It is built from the official documentation and shares no code with the client it is used to test;
an emulator that knew the client would prove nothing. Only the command line starts it.
"""
