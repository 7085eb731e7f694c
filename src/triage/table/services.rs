//! Services, databases, ports.

use crate::triage::signature::signatures;

signatures! {
    "service.unhealthy" Service Certain ["container ", " is unhealthy"],
    "a service did not become healthy",
    "read its log, and look whether its health check can succeed",
    yes "dependency failed to start: container app-db-1 is unhealthy",
    no "the answer of the test is unhealthy";

    "service.failed_to_start" Service Certain ["Failed to initialize container"],
    "a service did not start",
    "read its log: GitHub prints it below",
    yes "##[error]Failed to initialize container postgres:15",
    no "initialize container postgres:15";

    "service.health_github" Service Certain ["One or more containers failed to start."],
    "a service did not become healthy",
    "read its log, and look at the `--health-…` options",
    yes "##[error]One or more containers failed to start.",
    no "all containers started";

    "service.compose_exited" Service Certain ["dependency failed to start: container", "exited ("],
    "a service ended by itself",
    "read its log (`docker compose logs NAME`)",
    yes "dependency failed to start: container app-db-1 exited (1)",
    no "container app-db-1 exited (0)";

    "postgres.no_password" Service Certain ["Database is uninitialized and superuser password is not specified"],
    "the postgres service has no password",
    "`env: POSTGRES_PASSWORD` of the service",
    yes "Error: Database is uninitialized and superuser password is not specified.",
    no "the database is initialized";

    "mysql.no_password" Service Certain ["Database is uninitialized and password option is not specified"],
    "the mysql service has no password",
    "`env: MYSQL_ROOT_PASSWORD` of the service, or MYSQL_ALLOW_EMPTY_PASSWORD",
    yes "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
    no "[Note] [Entrypoint]: Database initialized";

    "elastic.vm_max_map" Service Certain ["max virtual memory areas vm.max_map_count"],
    "Elasticsearch needs more memory areas than the machine allows",
    "`discovery.type=single-node`, or `sysctl -w vm.max_map_count=262144` on the machine",
    yes "max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]",
    no "vm.max_map_count is 262144";

    "postgres.refused" Connection Likely ["connection to server at", "Connection refused"],
    "no PostgreSQL listens at the address",
    "wait for the health of the service; from a container its label is its name, not `localhost`",
    yes "psycopg2.OperationalError: connection to server at \"localhost\" (127.0.0.1), port 5432 failed: Connection refused",
    no "connection to server at \"localhost\" established";

    "postgres.starting" Service Certain ["the database system is starting up"],
    "PostgreSQL was asked before it was ready",
    "a health check (`pg_isready`) instead of a wait",
    yes "FATAL:  the database system is starting up",
    no "database system is ready to accept connections";

    "postgres.auth" Database Certain ["password authentication failed for user"],
    "the password of the database is another one",
    "the same value in the service's `env` and in the address; a kept volume keeps the first password",
    yes "FATAL:  password authentication failed for user \"app\"",
    no "password authentication succeeded";

    "postgres.no_database" Database Certain ["FATAL:", "database \"", "\" does not exist"],
    "the database is not there",
    "`POSTGRES_DB` of the service, or create it first",
    yes "FATAL:  database \"app_test\" does not exist",
    no "DROP DATABASE IF EXISTS: database \"x\" does not exist, skipping";

    "postgres.no_relation" Database Certain ["relation \"", "\" does not exist"],
    "a table is not there: migrations did not run, or not all",
    "run the migrations before the tests, against the same database",
    yes "psycopg2.errors.UndefinedTable: relation \"users\" does not exist",
    no "a relation that does exist";

    "postgres.no_column" Database Certain ["column ", " does not exist"],
    not ["skipping"],
    "a column is not there: the schema is older than the code",
    "run the migrations before the tests",
    yes "psycopg2.errors.UndefinedColumn: column users.email does not exist",
    no "column users.email exists";

    "sqlite.no_table" Database Certain ["no such table:"],
    "a table is not there: migrations did not run, or in another file",
    "run the migrations before the tests, with the same path; `:memory:` is empty for each connection",
    yes "sqlite3.OperationalError: no such table: leads",
    no "the table is there: leads";

    "sqlite.locked" Database Likely ["database is locked"],
    "several processes write to one SQLite file",
    "a file for each worker (pytest-xdist's `worker_id`), or a longer `timeout`",
    yes "sqlite3.OperationalError: database is locked",
    no "the database is unlocked";

    "sqlite.open" Database Certain ["unable to open database file"],
    "the SQLite file cannot be made",
    "look whether its folder exists and belongs to the user of the job",
    yes "sqlite3.OperationalError: unable to open database file",
    no "the database file is open";

    "mysql.refused" Connection Likely ["Can't connect to", "MySQL server"],
    "no MySQL listens at the address",
    "wait for its health; `localhost` means the socket to MySQL's clients, `127.0.0.1` the port",
    yes "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)",
    no "connected to MySQL server";

    "mysql.denied" Database Certain ["Access denied for user '"],
    "the user or password of the database is another one",
    "the same values in the service's `env` and in the address",
    yes "pymysql.err.OperationalError: (1045, \"Access denied for user 'app'@'172.18.0.3' (using password: YES)\")",
    no "access granted for user 'app'";

    "redis.refused" Connection Likely ["redis.exceptions.ConnectionError"],
    "no Redis listens at the address",
    "wait for its health; from a container its label is its name, not `localhost`",
    yes "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379.",
    no "redis.exceptions.ResponseError: unknown command";

    "mongo.timeout" Connection Likely ["pymongo.errors.ServerSelectionTimeoutError"],
    "no MongoDB answers at the address",
    "wait for its health; look under which name it is reached",
    yes "pymongo.errors.ServerSelectionTimeoutError: mongo:27017: [Errno -2] Name or service not known",
    no "pymongo.errors.DuplicateKeyError: E11000";

    "alembic.no_revision" Database Certain ["Can't locate revision identified by"],
    "the database is at a migration that the code does not have",
    "begin with an empty database, or add the migration",
    yes "alembic.util.exc.CommandError: Can't locate revision identified by 'ae1027a6acf'",
    no "located revision ae1027a6acf";

    "alembic.heads" Database Certain ["Multiple head revisions are present"],
    "two migrations follow the same one",
    "`alembic merge heads`",
    yes "alembic.util.exc.CommandError: Multiple head revisions are present for given argument 'head'",
    no "one head revision is present";

    "django.migrations" Database Certain ["Conflicting migrations detected"],
    "two migrations follow the same one",
    "`python manage.py makemigrations --merge`",
    yes "CommandError: Conflicting migrations detected; multiple leaf nodes in the migration graph",
    no "no conflicting migrations";

    "django.test_database" Database Certain ["Got an error creating the test database:"],
    "Django cannot create its test database",
    "the database's user needs CREATEDB; a database of an earlier run may be left (`--noinput`)",
    yes "Got an error creating the test database: permission denied to create database",
    no "Creating test database for alias 'default'...";

    "port.in_use" Port Certain ["Address already in use"],
    "a port is taken",
    "end what has it; let tests take port 0",
    yes "OSError: [Errno 98] Address already in use",
    no "the address is in use by design";

    "port.in_use_node" Port Certain ["listen EADDRINUSE"],
    "a port is taken",
    "end what has it; let tests take port 0",
    yes "Error: listen EADDRINUSE: address already in use :::3000",
    no "listening on :::3000";
}
