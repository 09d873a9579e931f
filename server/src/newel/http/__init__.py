"""The shell around every endpoint: requests, responses, cookies, limits, pages. It knows no flow and no protocol."""
