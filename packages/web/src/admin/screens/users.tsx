import type { AdminUserInfo } from "@hubbub/protocol/http-admin";
import { type SyntheticEvent, useState } from "react";
import { explain } from "../../model/explain.ts";
import { momentAt } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { type Column, Table } from "../parts/table.tsx";
import { hashOf } from "../place.ts";

const COLUMNS: readonly Column<AdminUserInfo>[] = [
  {
    name: "User",
    cell: ({ user }) => <a href={hashOf({ at: "connections", about: { user: user.id } })}>{user.username}</a>,
  },
  { name: "Account", cell: ({ guest, role }) => role ?? (guest ? "guest" : "user") },
  { name: "Signed up", cell: ({ createdAt }) => momentAt(createdAt) },
  {
    name: "State",
    cell: ({ suspension }) =>
      suspension === undefined ? "" : <span className="state silent">suspended: {suspension.reason}</span>,
  },
];

/** Finds users by a part of their name, on the way to their connections. */
export function UsersScreen() {
  const operator = useOperator();
  const [found, setFound] = useState<readonly AdminUserInfo[]>();
  const [error, setError] = useState("");
  const find = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const search = String(new FormData(event.currentTarget).get("search") ?? "").trim();
    operator
      .users(search)
      .then(
        ({ users }) => {
          setFound(users);
          setError("");
        },
        (fault: unknown) => setError(explain(fault)),
      )
      .catch(reportError);
  };
  return (
    <>
      <div className="screen-head">
        <h1>Users</h1>
      </div>
      <form className="find" onSubmit={find}>
        <label className="field">
          A part of the name
          <input name="search" maxLength={64} autoComplete="off" required />
        </label>
        <button type="submit" className="primary">
          Find
        </button>
      </form>
      {error !== "" && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {found !== undefined && (
        <Table
          caption="Users"
          columns={COLUMNS}
          rows={found}
          keyOf={({ user }) => user.id}
          none="There is nobody of this name."
        />
      )}
    </>
  );
}
