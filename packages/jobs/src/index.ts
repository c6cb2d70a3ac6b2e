export { createJobs, type JobsOptions, type JobsRole } from "./jobs.ts";
