"""What the web server does beside pages: checks of requests, health, warm-up, scripts."""
