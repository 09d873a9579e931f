"""Every error names a registered code."""

from newel_sdk import errors


def test_each_class_has_a_code_and_authorization_errors_keep_the_server_s() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert all(issubclass(each, errors.NewelError) and each.error for each in classes)
    failed = errors.AuthorizationFailed("login_required", "sign in")
    assert (failed.code, failed.description, str(failed)) == ("login_required", "sign in", "login_required: sign in")
    assert str(errors.AuthorizationFailed("access_denied")) == "access_denied"
    assert errors.SubjectChanged().code == "access_denied"
    assert errors.NothingChanged("").code == "unmet_authentication_requirements"
