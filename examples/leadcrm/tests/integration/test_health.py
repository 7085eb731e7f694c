from leadcrm import __version__


def test_health_is_public(anonymous):
    response = anonymous.get("/health")
    assert response.status_code == 200
    assert response.json == {"status": "ok", "version": __version__, "environment": "test"}


def test_health_ready(anonymous):
    response = anonymous.get("/health/ready")
    assert response.status_code == 200
    assert response.json["checks"] == {"database": True}
    assert response.json["stubs"] is True


def test_health_does_not_accept_post(anonymous):
    response = anonymous.post("/health")
    assert response.status_code == 405
    assert response.json["error"] == "method_not_allowed"
