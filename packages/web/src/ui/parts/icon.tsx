/** Paths of 24 by 24 outlines. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  "bell-off": "M6 16v-5a6 6 0 0 1 9.500-4.900M18 11v5l2 2H8M10 21h4M4 3l16 17",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  camera: "M4 8h3.500l1.500-2.500h6L16.500 8H20v11H4zM12 10a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2 12.5l4.5 4.5L16 7.5M11.5 16.5l.5.5 9.5-9.5",
  close: "M6 6l12 12M18 6L6 18",
  compose: "M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17zM14 8l3 3",
  chevron: "M6 9l6 6 6-6",
  down: "M12 5v14M6 13l6 6 6-6",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  flag: "M5 21V4h13l-2.5 4.5L18 13H5",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM19 12l2-1.5-2-3.5-2.4.8-1.9-1.1L14.2 4H9.8l-.5 2.7-1.9 1.1L5 7 3 10.5 5 12l-2 1.5 2 3.5 2.4-.8 1.9 1.1.5 2.7h4.4l.5-2.7 1.9-1.1L19 17l2-3.500z",
  hash: "M10 4L8 20M16 4l-2 16M4.5 9h16M3.5 15h16",
  leave: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  mail: "M3 6h18v12H3zM3.5 7l8.5 6 8.5-6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  next: "M9 5l7 7-7 7",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.500a3.5 3.5 0 0 1 0 6.500M18 14.500a6.5 6.5 0 0 1 3.5 5.5",
  pin: "M9 3h6l-1 7 4 4H6l4-4zM12 14v7",
  plus: "M12 5v14M5 12h14",
  reply: "M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 7",
  star: "M12 3.500l2.6 5.4 5.900.8-4.300 4.100 1.100 5.900L12 16.900l-5.300 2.800 1.100-5.900L3.500 9.700l5.900-.8z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.500L21 21",
  send: "M4 4l17 8-17 8 3-8zM7 12h8",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 10h.01M15 10h.01M8.5 14.500a4.5 4.5 0 0 0 7 0",
  thread: "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12.500h5",
  up: "M12 19V5M6 11l6-6 6 6",
} as const;

export type IconName = keyof typeof PATHS;

/** Beside a label, or in a button that has one: nothing is read out. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
