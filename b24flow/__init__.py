"""b24flow: the document flow of an organisation on top of a self-hosted Bitrix24 box."""

__version__ = "0.1.0"
