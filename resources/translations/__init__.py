"""Other languages: Qt's translation files, and the script that keeps them in step with the source."""
