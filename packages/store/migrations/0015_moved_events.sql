CREATE TABLE "hubbub"."moved_events" (
	"room_id" uuid NOT NULL,
	"lost_seq" bigint NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "moved_events_room_id_lost_seq_pk" PRIMARY KEY("room_id","lost_seq")
);
