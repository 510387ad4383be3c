"""Keys and organizations: "API keys", "Setting up your organization", "Staging accounts"."""
