import pytest

from leadcrm.models import Role, User
from leadcrm.repositories import UserRepository
from leadcrm.security import verify_password


@pytest.fixture
def run(app):
    return lambda *arguments: app.test_cli_runner().invoke(args=list(arguments))


def test_create_user(run, session):
    result = run("create-user", "Ann@crm.example", "--role", "admin", "--password", "long enough!")
    assert result.output == "created ann@crm.example\n"
    user = UserRepository(session).by_email("ann@crm.example")
    assert user.role is Role.ADMIN
    assert verify_password(user.password_hash, "long enough!")


@pytest.mark.parametrize(("email", "password"), [("ann", "long enough!"), ("a@b.example", "short")])
def test_create_invalid_user(run, session, email, password):
    result = run("create-user", email, "--password", password)
    assert result.exit_code == 1
    assert session.query(User).count() == 0
