"""The pages of the console, a file or a small package each; each names its own addresses in `urlpatterns`."""
