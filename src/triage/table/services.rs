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
    not ["Couldn't use data file", ": file", ": meta", ": coverage_schema", ": line_bits", ": arc"],
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
    not ["Couldn't use data file"],
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

    "postgres.no_role" Database Certain ["FATAL:", "role \"", "\" does not exist"],
    "the user of the database is not there",
    "`POSTGRES_USER` of the service, or create it first; a health check without `-U` asks as root",
    yes "FATAL:  role \"root\" does not exist",
    no "DROP ROLE IF EXISTS: role \"x\" does not exist, skipping";

    "postgres.too_many" Database Certain ["too many clients already"],
    "PostgreSQL has no connection left",
    "fewer workers, closed connections, or a higher `max_connections`",
    yes "FATAL:  sorry, too many clients already",
    no "too many clients were asked";

    "postgres.slots" Database Certain ["remaining connection slots are reserved"],
    "PostgreSQL has no connection left",
    "fewer workers, closed connections, or a higher `max_connections`",
    yes "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
    no "connection slots remain";

    "postgres.deadlock" Database Certain ["deadlock detected"],
    "two transactions waited for each other",
    "look which tests run at the same time on one database",
    yes "psycopg2.errors.DeadlockDetected: deadlock detected",
    no "no deadlock was found";

    "postgres.extension" Database Certain ["extension \"", "\" is not available"],
    "PostgreSQL does not have an extension",
    "an image that has it, such as `postgis/postgis`",
    yes "ERROR:  extension \"vector\" is not available",
    no "the extension \"vector\" is available";

    "database.duplicate" Database Likely ["duplicate key value violates unique constraint"],
    "a row is there already: data of another test, or a sequence that was not reset",
    "look whether tests leave data behind, and in which order they run",
    yes "psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint \"users_email_key\"",
    no "the key value is unique";

    "sqlite.unique" Database Likely ["UNIQUE constraint failed:"],
    "a row is there already: data of another test",
    "look whether tests leave data behind, and in which order they run",
    yes "sqlite3.IntegrityError: UNIQUE constraint failed: users.email",
    no "the UNIQUE constraint holds";

    "mysql.no_database" Database Certain ["Unknown database '"],
    "the database is not there",
    "`MYSQL_DATABASE` of the service, or create it first",
    yes "pymysql.err.OperationalError: (1049, \"Unknown database 'app_test'\")",
    no "the database 'app_test' is known";

    "sqlalchemy.dialect" Database Certain ["Can't load plugin: sqlalchemy.dialects"],
    "SQLAlchemy does not know the kind of database that the address begins with",
    "`postgresql://` instead of `postgres://`, or install the driver",
    yes "sqlalchemy.exc.NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:mysql.foo",
    no "loaded plugin: sqlalchemy.dialects:sqlite";

    "alembic.not_up_to_date" Database Certain ["Target database is not up to date"],
    "the database is older than the migrations",
    "`alembic upgrade head` before it",
    yes "FAILED: Target database is not up to date.",
    no "the target database is up to date";

    "django.unmigrated" Database Possible ["Migrations for '", "':"],
    "models changed without a migration",
    "`python manage.py makemigrations`, and commit what it writes",
    yes "Migrations for 'billing':",
    no "no migrations for billing";

    "service.unhealthy_old" Service Certain ["Failed to initialize, ", "service is unhealthy"],
    "a service did not become healthy",
    "read its log, and look at the `--health-…` options",
    yes "##[error]Failed to initialize, redis service is unhealthy.",
    no "initialize redis: healthy";

    "service.not_healthy" Service Likely ["service not healthy"],
    "a service did not become healthy",
    "read its log, and look whether its health check can succeed",
    yes "Error: service not healthy: [db]",
    no "the service is healthy";

    "postgres.config" Service Certain ["configuration file \"", "\" contains errors"],
    "PostgreSQL does not understand its settings",
    "the lines above name the parameter",
    yes "FATAL:  configuration file \"/etc/postgresql/postgresql.conf\" contains errors",
    no "configuration file \"x.conf\" is read";

    "postgres.version" Service Certain ["database files are incompatible with server"],
    "the data of PostgreSQL is of another version",
    "a new volume, or the version that made it",
    yes "FATAL:  database files are incompatible with server",
    no "the database files fit the server";

    "postgres.data_owner" Service Certain ["data directory \"", "\" has "],
    "the folder of PostgreSQL's data belongs to somebody else, or to all",
    "a volume instead of a mounted folder",
    yes "FATAL:  data directory \"/var/lib/postgresql/data\" has wrong ownership",
    no "the data directory is empty";

    "redis.config" Service Certain ["FATAL CONFIG FILE ERROR"],
    "Redis does not understand its settings",
    "the lines below name the directive",
    yes "*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***",
    no "the config file is read";

    "elastic.bootstrap" Service Likely ["bootstrap check", "fail"],
    not ["vm.max_map_count"],
    "Elasticsearch does not start",
    "`discovery.type=single-node`; the lines below say what it lacks",
    yes "ERROR: [2] bootstrap checks failed. You must address the points described in the following lines",
    no "bootstrap checks passed";

    "port.in_use_lower" Port Certain ["address already in use"],
    not ["EADDRINUSE"],
    "a port is taken",
    "end what has it; let tests take port 0",
    yes "listen tcp 0.0.0.0:8080: bind: address already in use",
    no "the address is already used";

    "port.in_use_django" Port Certain ["That port is already in use"],
    "a port is taken",
    "end what has it; let tests take port 0",
    yes "Error: That port is already in use.",
    no "that port is free";

    "sqlite.not_a_database" Database Certain ["sqlite3.", "file is not a database"],
    "an SQLite file is damaged, encrypted, or something else",
    "look what wrote it; a checkout without LFS has a pointer in its place",
    yes "sqlite3.DatabaseError: file is not a database",
    no "the file is a database";

    "sqlite.read_only" Database Certain ["attempt to write a readonly database"],
    "an SQLite file may not be written",
    "look whether it and its folder belong to the user of the job",
    yes "sqlite3.OperationalError: attempt to write a readonly database",
    no "the database is written";

    "database.not_null" Database Likely ["NOT NULL constraint failed:"],
    "a column that may not be empty is empty",
    "look at what the test leaves out, and at the migrations",
    yes "sqlite3.IntegrityError: NOT NULL constraint failed: users.email",
    no "the constraint holds";

    "database.foreign_key" Database Likely ["oreign key constraint"],
    not ["IF EXISTS"],
    "a row names another one that is not there",
    "look at the order in which tests make and remove rows",
    yes "IntegrityError: insert or update on table \"a\" violates foreign key constraint \"b\"",
    no "the key is foreign";

    "database.null_postgres" Database Likely ["null value in column"],
    "a column that may not be empty is empty",
    "look at what the test leaves out, and at the migrations",
    yes "null value in column \"email\" of relation \"users\" violates not-null constraint",
    no "a value in the column";

    "sqlalchemy.pool" Database Certain ["QueuePool limit of size"],
    "SQLAlchemy has no connection left",
    "close sessions, also in tests that fail",
    yes "TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out",
    no "the pool has a size";

    "alembic.history" Database Likely ["evision '", "not found in", "istory"],
    "the database is at a migration that the code does not have",
    "begin with an empty database, or add the migration",
    yes "Current revision 'ae1027a6acf' not found in Alembic history",
    no "the revision 'x' was found";

    "postgres.no_data" Service Certain ["could not access directory \""],
    "PostgreSQL's data is not where it looks for it",
    "the image's own entry point makes it; look at PGDATA and the volume",
    yes "postgres: could not access directory \"/data\": No such file or directory",
    no "the directory is accessed";

    "compose.no_healthcheck" Service Certain ["has no healthcheck configured"],
    "a service is to wait for the health of one that has no check",
    "`healthcheck` of that service, or `condition: service_started`",
    yes "dependency failed to start: container app-db-1 has no healthcheck configured",
    no "a healthcheck is configured";

    "compose.missing_healthcheck" Service Certain ["is missing a healthcheck configuration"],
    "a service is to wait for the health of one that has no check",
    "`healthcheck` of that service, or `condition: service_started`",
    yes "ERROR: for web  Service \"db\" is missing a healthcheck configuration",
    no "a healthcheck is configured";

    "django.engine" Database Certain ["settings.DATABASES is improperly configured"],
    "Django does not know its database",
    "look at the settings that the container has, and at the variables that they read",
    yes "ImproperlyConfigured: settings.DATABASES is improperly configured. Please supply the ENGINE value.",
    no "settings.DATABASES is read";

    "celery.broker" Connection Likely ["to the message broker"],
    "Celery does not reach its broker",
    "look whether it is up, and under which name",
    yes "Could not connect to the message broker",
    no "the message is broken";

    "postgres.socket" Connection Likely ["connection to server on socket \"", "failed: No such file or directory"],
    "PostgreSQL is looked for at a socket of this machine, where none listens",
    "name the host: `PGHOST=localhost`, or the service's name",
    yes "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory",
    no "psql: error: connection to server at \"db\" failed: Connection refused";

    "compose.one_off_failed" Service Likely ["service \"", "\" didn't complete successfully"],
    "a service that others wait for (`service_completed_successfully`) failed",
    "its log: `docker compose logs NAME`",
    yes "service \"migrate\" didn't complete successfully: exit 2",
    no "service \"migrate\" is done";

    "postgres.parameter" Service Certain ["FATAL:  invalid value for parameter \""],
    "PostgreSQL does not start: a setting is wrong",
    "correct it in `command:` or the configuration file",
    yes "FATAL:  invalid value for parameter \"max_connections\": \"lots\"",
    no "FATAL:  the database system is starting up";

    "mysql.option" Service Certain ["[ERROR]", "unknown variable '"],
    "MySQL or MariaDB does not start: it does not know an option",
    "correct it in `command:`, or take the version of the server that has it",
    yes "[ERROR] /usr/sbin/mariadbd: unknown variable 'query-cache-strategy=2'",
    no "the variable 'x' is unknown";
}
