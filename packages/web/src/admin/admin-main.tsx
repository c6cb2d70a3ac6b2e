import { createClient, toStoredTokens } from "@hubbub/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { LoginStorage } from "../model/login-storage.ts";
import { PageStorage } from "../model/page-storage.ts";
import { Broken } from "../ui/broken.tsx";
import { Theme } from "../ui/theme.ts";
import { AdminPage } from "./admin-page.tsx";
import { LoginForm } from "./login-form.tsx";
import { Operator } from "./operator.ts";

// The same storage as of the chat, which stands beside this page: one login for both.
const base = new URL(".", location.href);
const storage = new PageStorage(() => localStorage, `hubbub${base.pathname.replace(/\/$/, "")}.`);
new Theme(storage);
const login = new LoginStorage(storage);
const { tokens } = login.take();
const operator =
  tokens === undefined
    ? undefined
    : new Operator(tokens.user, createClient({ url: base.href, tokens, storage: login }).http);
addEventListener("storage", () => login.isStored || location.reload());
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <Broken>
      {operator === undefined ? (
        <LoginForm
          url={base.href}
          entered={(tokens) => {
            login.begin(toStoredTokens(tokens));
            location.reload();
          }}
        />
      ) : (
        <AdminPage operator={operator} />
      )}
    </Broken>
  </StrictMode>,
);
