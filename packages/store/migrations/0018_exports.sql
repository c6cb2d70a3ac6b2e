CREATE TABLE "hubbub"."exports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"hash" text,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"parts_done" integer DEFAULT 0 NOT NULL,
	"parts_total" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"owner" text,
	"leased_until" timestamp with time zone
);
--> statement-breakpoint
CREATE UNIQUE INDEX "exports_open_key" ON "hubbub"."exports" USING btree ("user_id") WHERE "hubbub"."exports"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "exports_user_idx" ON "hubbub"."exports" USING btree ("user_id","requested_at");--> statement-breakpoint
CREATE INDEX "exports_open_idx" ON "hubbub"."exports" USING btree ("requested_at") WHERE "hubbub"."exports"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "exports_content_idx" ON "hubbub"."exports" USING btree ("expires_at") WHERE "hubbub"."exports"."hash" is not null;