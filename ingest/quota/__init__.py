"""What the sources' quotas allow, proved ahead."""
