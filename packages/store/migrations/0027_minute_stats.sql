CREATE TABLE "hubbub"."stats_1m" (
	"minute" timestamp with time zone NOT NULL,
	"node" text NOT NULL,
	"connections" double precision NOT NULL,
	"rooms" double precision NOT NULL,
	"accepted" double precision NOT NULL,
	"delivered" double precision NOT NULL,
	"stored" double precision NOT NULL,
	"refused" double precision NOT NULL,
	"cpu" double precision NOT NULL,
	"loop" double precision NOT NULL,
	"memory" double precision NOT NULL,
	"accept_p50" double precision,
	"accept_p99" double precision,
	"unstored" double precision NOT NULL,
	"lag" double precision NOT NULL,
	"busiest" jsonb NOT NULL,
	CONSTRAINT "stats_1m_minute_node_pk" PRIMARY KEY("minute","node")
);
