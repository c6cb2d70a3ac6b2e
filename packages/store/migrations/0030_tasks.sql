CREATE TABLE "hubbub"."task_users" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"served_at" timestamp with time zone DEFAULT 'epoch' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"name" text NOT NULL,
	"args" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"owner" text,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"result" jsonb,
	"note" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"seq" bigint DEFAULT 0 NOT NULL,
	"is_told" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX "task_users_served_idx" ON "hubbub"."task_users" USING btree ("served_at");--> statement-breakpoint
CREATE INDEX "tasks_user_open_idx" ON "hubbub"."tasks" USING btree ("user_id","created_at","id") WHERE state in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "tasks_due_idx" ON "hubbub"."tasks" USING btree ("due_at") WHERE state in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "tasks_user_idx" ON "hubbub"."tasks" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "tasks_untold_idx" ON "hubbub"."tasks" USING btree ("finished_at") WHERE finished_at is not null and not is_told;--> statement-breakpoint
CREATE INDEX "tasks_expires_idx" ON "hubbub"."tasks" USING btree ("expires_at") WHERE expires_at is not null;--> statement-breakpoint
-- Rows change several times and are deleted soon: pages keep room for it, and vacuum comes early.
ALTER TABLE "hubbub"."tasks" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);--> statement-breakpoint
ALTER TABLE "hubbub"."task_users" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
