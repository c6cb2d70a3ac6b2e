/** Why somebody reports a message. */
export const REPORT_REASONS = ["spam", "abuse", "illegal", "other"] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];

/** `acted`: something was done about the message. */
export const REPORT_STATES = ["open", "dismissed", "acted"] as const;
export type ReportState = (typeof REPORT_STATES)[number];
