"""Where the processor's time goes: samples of Python and of Node, and pictures of them; see ../flame.py."""
