CREATE TABLE "hubbub"."zones" (
	"zone" text PRIMARY KEY NOT NULL,
	"drained_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "zone" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "state" text DEFAULT 'serving' NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "connections" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "moving" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "told_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "moves" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "hubbub"."nodes" ADD COLUMN "moves_at" timestamp with time zone;