CREATE TABLE "hubbub"."mentions" (
	"room_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"user_id" uuid,
	"by_id" uuid NOT NULL,
	CONSTRAINT "mentions_key" UNIQUE NULLS NOT DISTINCT("room_id","seq","user_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."message_state" (
	"room_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"text" text,
	"edited_seq" bigint,
	"edited_at" bigint,
	"edits" integer NOT NULL,
	"deleted_seq" bigint,
	"pinned_seq" bigint,
	"reply_count" integer NOT NULL,
	"last_reply_seq" bigint,
	"last_reply_at" bigint,
	CONSTRAINT "message_state_room_id_seq_pk" PRIMARY KEY("room_id","seq")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."reactions" (
	"room_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"emoji" text NOT NULL,
	"user_id" uuid NOT NULL,
	"added_seq" bigint NOT NULL,
	CONSTRAINT "reactions_room_id_seq_emoji_user_id_pk" PRIMARY KEY("room_id","seq","emoji","user_id")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."thread_follows" (
	"user_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"is_following" boolean NOT NULL,
	CONSTRAINT "thread_follows_user_id_room_id_seq_pk" PRIMARY KEY("user_id","room_id","seq")
);
--> statement-breakpoint
CREATE INDEX "mentions_user_idx" ON "hubbub"."mentions" USING btree ("user_id","room_id","seq");--> statement-breakpoint
CREATE INDEX "mentions_all_idx" ON "hubbub"."mentions" USING btree ("room_id","seq") WHERE "hubbub"."mentions"."user_id" is null;--> statement-breakpoint
CREATE INDEX "message_state_pinned_idx" ON "hubbub"."message_state" USING btree ("room_id","pinned_seq") WHERE "hubbub"."message_state"."pinned_seq" is not null;--> statement-breakpoint
CREATE INDEX "events_target_idx" ON "hubbub"."events" USING btree ("room_id","target","seq") WHERE "hubbub"."events"."target" is not null;