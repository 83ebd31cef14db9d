-- Requests for wrk: `KIND` says which. Each thread has random numbers of its own; the people take turns.
local tokens = {}
for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = line end
local tracks = tonumber(os.getenv("TRACKS"))
local kind = os.getenv("KIND")
local turn = 0

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  math.randomseed(os.time() * 1000 + number * 7919)
  turn = math.random(#tokens)
end

local function id(kind_of, n)
  return string.format("00000000-0000-7000-%s-%012d", kind_of, n)
end

-- Every second track is public.
local function track()
  return id("9000", math.random(0, tracks / 2 - 1) * 2)
end

local function unique()
  return string.format("%08x-%04x-4%03x-8%03x-%06x%06x", math.random(0, 0xffffffff), math.random(0, 0xffff),
    math.random(0, 0xfff), math.random(0, 0xfff), math.random(0, 0xffffff), math.random(0, 0xffffff))
end

local function played(of)
  return string.format('{"trackId":"%s","playId":"%s","duration":100,"context":{"source":"album"}}', of, unique())
end

local function play(of)
  return wrk.format("POST", "/api/library/track-play", nil, played(of))
end

-- 1 MB that no other upload has.
local megabyte = string.rep("0123456789abcdef", 62500)
local function form()
  wrk.headers["content-type"] = "multipart/form-data; boundary=refrain"
  return wrk.format("POST", "/api/storage/files", nil,
    "--refrain\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" .. unique() .. megabyte .. "\r\n--refrain--\r\n")
end

local liked = false
local last
local kinds = {
  plays = function() return play(track()) end,
  batch = function()
    local plays = {}
    for n = 1, 500 do plays[n] = played(track()) end
    return wrk.format("POST", "/api/library/track-plays", nil, '{"plays":[' .. table.concat(plays, ",") .. "]}")
  end,
  upload = form,
  hot = function() return play(id("9000", 0)) end,
  recent = function() return wrk.format("GET", "/api/library/recently-played?limit=50") end,
  playlist = function() return wrk.format("GET", "/api/playlists/" .. id("b000", math.random(0, 1999)) .. "/tracks?limit=50") end,
  favourites = function() return wrk.format("GET", "/api/library/liked-tracks?limit=50") end,
  explore = function() return wrk.format("GET", "/api/explore") end,
  -- Of a public file of 5 MB, from Refrain and from nginx.
  range = function()
    local first = math.random(0, 5000000 - 65536)
    wrk.headers["range"] = string.format("bytes=%d-%d", first, first + 65535)
    return wrk.format("GET", os.getenv("FILE"))
  end,
  download = function() return wrk.format("GET", os.getenv("FILE")) end,
  health = function() return wrk.format("GET", "/health/live") end,
  likes = function()
    liked = not liked
    last = liked and track() or last
    return wrk.format(liked and "POST" or "DELETE", "/api/library/track/" .. last .. "/like")
  end,
}

function request()
  -- A like and its unlike are one person's.
  if not liked then turn = turn % #tokens + 1 end
  wrk.headers["authorization"] = "Bearer " .. tokens[turn]
  wrk.headers["content-type"] = "application/json"
  return kinds[kind]()
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000, failed))
end
