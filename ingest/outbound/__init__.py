"""What leaves the workstation: alerts and the daily brief, by Slack, e-mail and webhook."""
