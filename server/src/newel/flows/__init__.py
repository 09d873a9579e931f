"""What happens: functions of (services, input) to an outcome. No endpoint and no page is known here."""
