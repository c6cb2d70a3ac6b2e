#!lua flags=allow-oom
--[[
Notes how far the writer of a shard has committed, and forgets what is committed and older than the replay window.

KEYS  1  log of the shard (stream)
      2  counters of the shard (hash, see accept.lua)
ARGV  1  id of the last committed event, <ms>-<n>: it may stand within an entry, whose id is that of its last
      2  replay window in ms
      3  name of the log that the id is from
      4  committed events that are kept for replay at most, but for those of one millisecond
Returns the number of entries forgotten.

Runs also when Redis is full: it is what makes room (so does marks.lua, without which no writer gets this far).

A position of another log, or ahead of this one, belongs to one that was lost: it says nothing here and is left alone.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local function integer(number)
  return string.format('%.0f', number)
end

local ms, event = string.match(ARGV[1], '^(%d+)%-(%d+)$')
local counters = redis.call('HMGET', COUNTERS, 'appended', 'committed', 'born')
if (counters[3] or '') ~= ARGV[3] then return 0 end
local committed = tonumber(event)
if committed > tonumber(counters[1] or 0) then return 0 end
if committed > tonumber(counters[2] or 0) then redis.call('HSET', COUNTERS, 'committed', event) end

-- Entries are found by time alone; numbers and times rise together. 0: nothing is beyond the count.
local function time_of_oldest_kept(beyond)
  local function last_number_from(time)
    local entry = redis.call('XRANGE', LOG, time, '+', 'COUNT', 1)[1]
    if entry then return tonumber(string.match(entry[1], '%-(%d+)$')), tonumber(string.match(entry[1], '^%d+')) end
  end
  local number, low = last_number_from('-')
  if not number or number > beyond then return 0 end
  local high = tonumber(ms) + 1
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    number = last_number_from(integer(middle))
    if number and number <= beyond then low = middle else high = middle end
  end
  return low
end

local now = redis.call('TIME')
local replay_from = tonumber(now[1]) * 1000 - tonumber(ARGV[2])
if replay_from >= tonumber(ms) then return redis.call('XTRIM', LOG, 'MINID', '~', ARGV[1]) end
replay_from = math.max(replay_from, time_of_oldest_kept(committed - ARGV[4]))
return redis.call('XTRIM', LOG, 'MINID', '~', integer(math.max(replay_from, 0)))
