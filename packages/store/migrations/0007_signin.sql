CREATE TABLE "hubbub"."access_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "access_tokens_hash_key" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "hubbub"."passkeys" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"public_key" text NOT NULL,
	"counter" bigint NOT NULL,
	"transports" text[] NOT NULL,
	"is_second_factor" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "hubbub"."recovery_codes" (
	"user_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "recovery_codes_user_id_hash_pk" PRIMARY KEY("user_id","hash")
);
--> statement-breakpoint
CREATE TABLE "hubbub"."signin_steps" (
	"hash" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"address" text NOT NULL,
	"user_id" uuid,
	"data" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."token_sessions" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"token_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hubbub"."totps" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"secret" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"confirmed_at" timestamp with time zone,
	"last_step" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hubbub"."access_tokens" ADD CONSTRAINT "access_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."identities" ADD CONSTRAINT "identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."passkeys" ADD CONSTRAINT "passkeys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."signin_steps" ADD CONSTRAINT "signin_steps_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."token_sessions" ADD CONSTRAINT "token_sessions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "hubbub"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."token_sessions" ADD CONSTRAINT "token_sessions_token_id_access_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "hubbub"."access_tokens"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hubbub"."totps" ADD CONSTRAINT "totps_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "hubbub"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_tokens_user_idx" ON "hubbub"."access_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "access_tokens_expiry_idx" ON "hubbub"."access_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "identities_user_idx" ON "hubbub"."identities" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "identities_subject_key" ON "hubbub"."identities" USING btree ("issuer","subject");--> statement-breakpoint
CREATE INDEX "passkeys_user_idx" ON "hubbub"."passkeys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "signin_steps_address_idx" ON "hubbub"."signin_steps" USING btree ("address");--> statement-breakpoint
CREATE INDEX "signin_steps_user_idx" ON "hubbub"."signin_steps" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "signin_steps_expiry_idx" ON "hubbub"."signin_steps" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "token_sessions_token_idx" ON "hubbub"."token_sessions" USING btree ("token_id");