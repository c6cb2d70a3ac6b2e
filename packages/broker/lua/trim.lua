#!lua flags=allow-oom
--[[
Records how far the writer of a shard has committed, and trims committed entries that are older than the replay window.

KEYS  1  log of the shard (stream)
      2  counters of the shard (hash, see accept.lua)
ARGV  1  id of the last committed event, <ms>-<n>; it may be within an entry, whose id is that of its last event
      2  replay window in ms
      3  id of the log that the event is from
      4, 5  upper bounds of committed events and of their bytes kept for replay; events of one millisecond may exceed them
Returns the number of trimmed entries.

Runs also when Redis is full, because it frees memory. So does marks.lua, which the writer calls first.

A position of another log, or ahead of this one, belongs to a lost log and is ignored.
]]
local LOG, COUNTERS = KEYS[1], KEYS[2]
local function integer(number)
  return string.format('%.0f', number)
end

local ms, event = string.match(ARGV[1], '^(%d+)%-(%d+)$')
local counters = redis.call('HMGET', COUNTERS, 'appended', 'committed', 'born', 'bytes', 'committed_bytes')
if (counters[3] or '') ~= ARGV[3] then return 0 end
local committed = tonumber(event)
if committed > tonumber(counters[1] or 0) then return 0 end

-- Events ever appended up to the end of an entry, and their bytes. bytes = nil: an older build wrote the entry without them.
local function measure(entry)
  local fields = entry[2]
  return tonumber(string.match(entry[1], '%-(%d+)$')), fields[#fields - 1] == 'b' and tonumber(fields[#fields]) or nil
end

-- Bytes of the last `count` events of an entry.
local function bytes_of_last(entry, count)
  local lines, bytes = {}, 0
  for at = 1, #entry[2], 2 do
    if entry[2][at] == 'f' then
      for line in string.gmatch(entry[2][at + 1], '[^\n]+') do lines[#lines + 1] = #line + 1 end
    end
  end
  for at = math.max(#lines - count + 1, 1), #lines do bytes = bytes + lines[at] end
  return bytes
end

local committed_bytes = tonumber(counters[5] or 0)
if committed > tonumber(counters[2] or 0) then
  -- The first entry that is not completely committed; the committed event may be within it.
  local open_entry = redis.call('XRANGE', LOG, '(' .. ARGV[1], '+', 'COUNT', 1)[1]
  if open_entry then
    local number, bytes = measure(open_entry)
    if bytes then committed_bytes = math.max(committed_bytes, bytes - bytes_of_last(open_entry, number - committed)) end
  else
    committed_bytes = tonumber(counters[4] or 0)
  end
  redis.call('HSET', COUNTERS, 'committed', event, 'committed_bytes', integer(committed_bytes))
end

-- Binary search by time: numbers, bytes and times ascend together. 0: nothing exceeds a bound.
local function time_of_oldest_kept(events_beyond, bytes_beyond)
  local function look_from(time)
    local entry = redis.call('XRANGE', LOG, time, '+', 'COUNT', 1)[1]
    if not entry then return false end
    local events, bytes = measure(entry)
    return events <= events_beyond or (bytes and bytes <= bytes_beyond), tonumber(string.match(entry[1], '^%d+'))
  end
  local is_beyond, low = look_from('-')
  if not is_beyond then return 0 end
  local high = tonumber(ms) + 1
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    if look_from(integer(middle)) then low = middle else high = middle end
  end
  return low
end

local now = redis.call('TIME')
local replay_from = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) - tonumber(ARGV[2])
if replay_from >= tonumber(ms) then return redis.call('XTRIM', LOG, 'MINID', '~', ARGV[1]) end
replay_from = math.max(replay_from, time_of_oldest_kept(committed - ARGV[4], committed_bytes - ARGV[5]))
return redis.call('XTRIM', LOG, 'MINID', '~', integer(math.max(replay_from, 0)))
