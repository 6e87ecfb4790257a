"""Where the parts are put together: the only place that names concrete classes."""
