CREATE TABLE "hubbub"."erasure_rooms" (
	"user_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL,
	"up_to" bigint,
	"is_deleted" boolean DEFAULT false NOT NULL,
	CONSTRAINT "erasure_rooms_user_id_room_id_pk" PRIMARY KEY("user_id","room_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."erasures" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"begun_at" timestamp with time zone,
	"done_at" timestamp with time zone,
	"owner" text,
	"leased_until" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "erasures_open_idx" ON "hubbub"."erasures" USING btree ("requested_at") WHERE "hubbub"."erasures"."done_at" is null;