CREATE TABLE "hubbub"."mail_codes" (
	"hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"address" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "hubbub"."profiles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"display_name" text,
	"time_zone" text,
	"about" text
);
--> statement-breakpoint
ALTER TABLE "hubbub"."users" ADD COLUMN "email_verified_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "hubbub"."mail_codes" ADD CONSTRAINT "mail_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."profiles" ADD CONSTRAINT "profiles_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mail_codes_user_idx" ON "hubbub"."mail_codes" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "mail_codes_expiry_idx" ON "hubbub"."mail_codes" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sessions_address_idx" ON "hubbub"."sessions" USING btree ("used_at") WHERE "hubbub"."sessions"."address" is not null and "hubbub"."sessions"."address" !~ '/(24|48)$';--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "hubbub"."users" USING btree (lower("email" collate "C")) WHERE "hubbub"."users"."email_verified_at" is not null;