"""The pages people see: sign-in, step-up, enrolment, account."""
