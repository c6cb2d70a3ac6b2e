CREATE TABLE "hubbub"."cluster" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"adopted_at" timestamp with time zone,
	"reason" text,
	"shards" integer
);
--> statement-breakpoint
ALTER TABLE "hubbub"."events" ALTER COLUMN "epoch" SET DATA TYPE bigint;--> statement-breakpoint
ALTER TABLE "hubbub"."room_epochs" ALTER COLUMN "epoch" SET DATA TYPE bigint;--> statement-breakpoint
ALTER TABLE "hubbub"."rooms" ALTER COLUMN "epoch" SET DATA TYPE bigint;--> statement-breakpoint
INSERT INTO "hubbub"."cluster" ("id") VALUES (1) ON CONFLICT DO NOTHING;
