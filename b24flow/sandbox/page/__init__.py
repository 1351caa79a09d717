"""The portal as a person sees it: server-rendered Russian pages that work without JavaScript."""
