
-- The engine of the dissector: runs the tables above over recordings of qmi-trace, pcapng of LINKTYPE_USER0.
-- A packet is a link header (trace/link-header.h) and one QMI message as its transport carries it.

local qmi = Proto("qmi", "Qualcomm MSM Interface")

local TRANSPORTS = { [1] = "QMUX", [2] = "QRTR", [3] = "qmuxd", [4] = "MSM IPC" }
local DIRECTIONS = { [0] = "to the modem", [1] = "from the modem" }
local TYPES = { [0] = "request", [1] = "response", [2] = "indication" }
local LINK_ALWAYS, LINK_FIXED, PORT_CONTROL = 24, 40, 0xfffffffe
local RESULT, CTL, NO_SERVICE = 0x02, 0x00, 0xff

-- What every message has; the fields of the definitions are added below.
local F = {
	version = ProtoField.uint8("qmi.link.version", "Version of the link header"),
	transport = ProtoField.uint8("qmi.link.transport", "Transport", base.DEC, TRANSPORTS),
	direction = ProtoField.uint8("qmi.link.direction", "Direction", base.DEC, DIRECTIONS),
	pid = ProtoField.uint32("qmi.link.pid", "Process id"),
	connection = ProtoField.uint32("qmi.link.connection", "Connection"),
	node = ProtoField.uint32("qmi.link.node", "Node"),
	port = ProtoField.uint32("qmi.link.port", "Port"),
	process = ProtoField.string("qmi.link.process", "Process"),
	device = ProtoField.string("qmi.link.device", "Device"),
	service = ProtoField.uint16("qmi.service", "Service", base.HEX, S),
	client = ProtoField.uint8("qmi.client", "Client id"),
	type = ProtoField.uint8("qmi.type", "Type", base.DEC, TYPES),
	transaction = ProtoField.uint16("qmi.transaction", "Transaction"),
	message = ProtoField.uint16("qmi.message", "Message id", base.HEX),
	name = ProtoField.string("qmi.name", "Message"),
	error = ProtoField.uint16("qmi.error", "Protocol error", base.DEC, V[".error"]),
	request = ProtoField.framenum("qmi.request_in", "Request", base.NONE, frametype.REQUEST),
	response = ProtoField.framenum("qmi.response_in", "Response", base.NONE, frametype.RESPONSE),
	latency = ProtoField.relative_time("qmi.latency", "Time since the request"),
	tlv = ProtoField.uint8("qmi.tlv", "TLV", base.HEX),
	value = ProtoField.bytes("qmi.tlv.value", "Value"),
	bytes = ProtoField.bytes("qmi.bytes", "No QMI message"),
}
local all = {}
for _, field in pairs(F) do
	all[#all + 1] = field
end

-- --- Fields of the definitions

local NUMBERS = {
	uint = { ProtoField.uint8, ProtoField.uint16, ProtoField.uint24, ProtoField.uint32,
		ProtoField.uint64, ProtoField.uint64, ProtoField.uint64, ProtoField.uint64 },
	int = { ProtoField.int8, ProtoField.int16, ProtoField.int24, ProtoField.int32,
		ProtoField.int64, ProtoField.int64, ProtoField.int64, ProtoField.int64 },
}

local function make(abbreviation, name, def)
	if def.k == "uint" or def.k == "int" then
		local title = def.u and name .. " [" .. def.u .. "]" or name
		if def.flags then
			return NUMBERS.uint[def.w](abbreviation, title, base.HEX)
		end
		return NUMBERS[def.k][def.w](abbreviation, title, base.DEC, def.w <= 4 and V[def.v] or nil)
	elseif def.k == "bool" then
		return ProtoField.uint8(abbreviation, name, base.DEC, { [0] = "no", [1] = "yes" })
	elseif def.k == "float" then
		return def.w == 4 and ProtoField.float(abbreviation, name) or ProtoField.double(abbreviation, name)
	elseif def.k == "string" or def.k == "digits" then
		return ProtoField.string(abbreviation, name)
	end
	return ProtoField.bytes(abbreviation, name)
end

-- A name means one thing: what a request and its response both have is one field when it looks the same,
-- and else gets the kind of the message behind it.
local known = {}

local function register(abbreviation, def, kind)
	local form = table.concat({ def.k, def.w or 0, def.v or "", def.u or "" }, " ")
	if known[abbreviation] and known[abbreviation].form ~= form then
		abbreviation = abbreviation .. "_" .. kind
	end
	if not known[abbreviation] then
		local name = abbreviation:match("[^.]+$"):gsub("_", "-")
		known[abbreviation] = { form = form, field = make(abbreviation, name, def) }
		all[#all + 1] = known[abbreviation].field
	end
	return known[abbreviation].field
end

-- A definition with its fields; members of structs below it.
local function prepare(def, path, kind)
	local node = { def = def, name = def.n, path = path }
	local one = def.i or def
	if one.m then
		node.members = {}
		for index, member in ipairs(one.m) do
			node.members[index] = prepare(member, path .. "." .. member.n:gsub("-", "_"), kind)
		end
	else
		node.field = register(path, one, kind)
	end
	return node
end

-- Always in the same order, so that names are given to the same fields: responses first.
local RANK = { response = 1, request = 2, indication = 3 }
local keys = {}
for key in pairs(M) do
	keys[#keys + 1] = key
end
table.sort(keys, function(a, b)
	local rank_a, rank_b = RANK[a:match("%.(%a+)%.")], RANK[b:match("%.(%a+)%.")]
	return rank_a < rank_b or rank_a == rank_b and a < b
end)

for _, key in ipairs(keys) do
	local message = M[key]
	local kind = key:match("%.(%a+)%.")
	message.nodes = {}
	local path = "qmi." .. message.s .. "." .. message.n:gsub("-", "_") .. "."
	local numbers = {}
	for number in pairs(message.t) do
		numbers[#numbers + 1] = number
	end
	table.sort(numbers)
	for _, number in ipairs(numbers) do
		local def = message.t[number]
		message.nodes[number] = prepare(def, path .. def.n:gsub("-", "_"), kind)
	end
end

qmi.fields = all

local vendors = {}
for name in pairs(O) do
	vendors[#vendors + 1] = name
end
table.sort(vendors)
qmi.prefs.vendors = Pref.string("Vendors of the modems", "",
	"Whose own messages to know, with blanks between them: " .. table.concat(vendors, ", ") .. " or USB ids")
local malformed = ProtoExpert.new("qmi.malformed", "Malformed", expert.group.MALFORMED, expert.severity.WARN)
local refused = ProtoExpert.new("qmi.refused", "The modem refuses", expert.group.RESPONSE_CODE, expert.severity.NOTE)
qmi.experts = { malformed, refused }

-- --- Values. A cursor is { range, at, size }; what returns nil does not fit.

local function uint(c, width, big)
	if c.at + width > c.size then
		return nil
	end
	local range = c.range(c.at, width)
	c.at = c.at + width
	return big and range:uint() or range:le_uint(), range
end

-- How many bytes or items a text, bytes or a list has; with `item` 1 what is left is bytes.
local function length(c, def)
	if def.x then
		return def.x
	elseif def.p then
		return (uint(c, def.p))
	end
	return c.size - c.at
end

local walk

local function walk_members(c, node, tree)
	for _, member in ipairs(node.members) do
		if not walk(c, member, tree) then
			return nil
		end
	end
	return true
end

local function flag_names(range, def)
	local names, values = {}, V[def.v]
	local value = range:le_uint64()
	local whole = values["whole " .. tostring(value)]
	if whole then
		return whole
	end
	for bit = 0, 8 * def.w - 1 do
		local byte = range(math.floor(bit / 8), 1):uint()
		if values[bit] and math.floor(byte / 2 ^ (bit % 8)) % 2 == 1 then
			names[#names + 1] = values[bit]
		end
	end
	return table.concat(names, ", ")
end

local function add_number(node, def, range, tree)
	local item = def.be and tree:add(node.field, range) or tree:add_le(node.field, range)
	if def.flags and not def.be then
		item:append_text(" (" .. flag_names(range, def) .. ")")
	elseif def.v and def.w > 4 then
		item:append_text(" (" .. (V[def.v][tonumber(tostring(range:le_uint64()))] or "unknown") .. ")")
	end
end

local function walk_one(c, node, tree)
	local def = node.def.i or node.def
	if node.members then
		return walk_members(c, node, tree)
	end
	local size = def.w
	if def.k == "string" or def.k == "bytes" or def.k == "digits" then
		size = length(c, def)
		if not size or (def.max and size > def.max and not def.p) then
			size = size and def.max
		end
	end
	if not size or c.at + size > c.size then
		return nil
	end
	if tree and size == 0 and def.k ~= "bytes" then
		tree:add(node.field, "")
	elseif tree and size > 0 then
		local range = c.range(c.at, size)
		if def.k == "string" then
			tree:add_packet_field(node.field, range, ENC_UTF_8)
		elseif def.k == "digits" then
			tree:add(node.field, range, (range:bytes():raw():gsub("\255.*", "")))
		elseif def.k == "bytes" then
			tree:add(node.field, range)
		else
			add_number(node, def, range, tree)
		end
	end
	c.at = c.at + size
	return true
end

-- Where the next value begins; nothing begins at the end of a packet.
local function spot(c)
	return c.range(c.at < c.size and c.at or 0, 0)
end

local function walk_list(c, node, tree)
	local def = node.def
	local count = (def.x or def.p) and length(c, def) or math.huge
	local index = 0
	if count ~= math.huge and def.p and def.max and count > def.max then
		return nil
	end
	while index < (count or -1) do
		if count == math.huge and c.at >= c.size then
			return true
		end
		local item = tree and node.members and tree:add(qmi, spot(c), node.name .. "[" .. index .. "]") or tree
		if not walk_one(c, node, item) then
			return nil
		end
		index = index + 1
	end
	return count and true or nil
end

-- Goes through a value; adds it to `tree` unless that is nil.
walk = function(c, node, tree)
	if node.def.i then
		local below = tree and tree:add(qmi, spot(c), node.name)
		return walk_list(c, node, below)
	elseif node.members and tree and not node.top then
		return walk_one(c, node, tree:add(qmi, spot(c), node.name))
	end
	return walk_one(c, node, tree)
end

local function add_error(c, node, tree, state)
	local status, error = c.range(0, 2):le_uint(), c.range(2, 2)
	if status ~= 0 then
		tree:add_le(F.error, error)
		tree:add_proto_expert_info(refused)
		state.error = V[".error"][error:le_uint()] or tostring(error:le_uint())
	end
end

-- One TLV at `at` of `range`.
local function dissect_tlv(range, message, tree, state)
	local number, size = range(0, 1):uint(), range(1, 2):le_uint()
	local node = message and message.nodes[number]
	local title = (node and node.name or "unknown") .. string.format(" (0x%02x, %d bytes)", number, size)
	local below = tree:add(F.tlv, range(0, 1)):set_text("TLV " .. title)
	below:set_len(3 + size)
	if size == 0 then
		-- there are no ranges of no bytes at the end of a packet
		local c = { range = range, at = 3, size = 3 }
		if node and not state.seen[number] and not node.members and not node.def.i then
			walk(c, node, below)
		end
		state.seen[number] = true
		return
	end
	local c = { range = range(3, size), at = 0, size = size }
	local value = c.range
	if not node or state.seen[number] then
		below:add(F.value, value)
		if node then
			below:append_text(", a second one")
		end
		return
	end
	state.seen[number] = true
	if not walk(c, node, nil) then
		below:add(F.value, value)
		below:add_proto_expert_info(malformed, "shorter than its definition")
		return
	end
	local rest = c.at
	c.at = 0
	walk(c, node, below)
	if rest < size then
		below:add(F.value, value(rest)):set_text("bytes behind what is known: " .. tostring(value(rest):bytes()))
	end
	if number == RESULT and message.nodes[RESULT].name == "result" then
		add_error(c, node, below, state)
	end
end

local function dissect_tlvs(range, message, tree, state)
	local at = 0
	while at < range:len() do
		if range:len() - at < 3 or range(at + 1, 2):le_uint() > range:len() - at - 3 then
			tree:add_proto_expert_info(malformed, "no whole TLV")
			return
		end
		local size = 3 + range(at + 1, 2):le_uint()
		dissect_tlv(range(at, size), message, tree, state)
		at = at + size
	end
end

-- --- Requests and responses

local requests, answers, answered = {}, {}, {}

local function pair_up(pinfo, tree, state)
	local key = table.concat({ state.pid, state.connection, state.node, state.port, state.service, state.client or 0,
		state.transaction, state.message, state.transport }, " ")
	if not pinfo.visited and state.type == 0 then
		requests[key] = { number = pinfo.number, time = pinfo.abs_ts }
	elseif not pinfo.visited and state.type == 1 and requests[key] then
		answers[pinfo.number] = { request = requests[key].number, latency = pinfo.abs_ts - requests[key].time }
		answered[requests[key].number] = pinfo.number
		requests[key] = nil
	end
	if answers[pinfo.number] then
		local seconds = answers[pinfo.number].latency
		tree:add(F.request, answers[pinfo.number].request):set_generated()
		local whole = math.floor(seconds)
		tree:add(F.latency, NSTime.new(whole, math.floor((seconds - whole) * 1e9 + 0.5))):set_generated()
	elseif answered[pinfo.number] then
		tree:add(F.response, answered[pinfo.number]):set_generated()
	end
end

-- --- Messages

-- The message of the first vendor that has one of this number, or else everyone's.
local function find_message(service, kind, number)
	local key = table.concat({ service, kind, number }, ".")
	for name in qmi.prefs.vendors:gmatch("[^%s,]+") do
		local id = O[name] or tonumber(name)
		if id and M[id .. ":" .. key] then
			return M[id .. ":" .. key]
		end
	end
	return M[key]
end

-- A QMI message without QMUX. False: it is none.
local function dissect_message(range, pinfo, tree, state)
	local ctl = state.service == CTL
	local head = ctl and 6 or 7
	if range:len() < head or range(head - 2, 2):le_uint() ~= range:len() - head then
		return false
	end
	local flags = range(0, 1):uint()
	state.type = ctl and flags % 4 or math.floor(flags / 2) % 4
	if state.type == 3 then
		return false
	end
	local transaction = range(1, ctl and 1 or 2)
	state.transaction = transaction:le_uint()
	state.message = range(head - 4, 2):le_uint()
	local message = find_message(state.service, TYPES[state.type], state.message)
	local name = message and message.n or string.format("unknown 0x%04x", state.message)
	local service = S[state.service] or string.format("service 0x%02x", state.service)
	tree:add(F.type, range(0, 1), state.type)
	tree:add_le(F.transaction, transaction)
	tree:add_le(F.message, range(head - 4, 2)):append_text(" (" .. name .. ")")
	tree:add(F.name, service .. " " .. name):set_generated()
	pair_up(pinfo, tree, state)
	if range:len() > head then
		dissect_tlvs(range(head), message, tree, state)
	end
	pinfo.cols.info = service .. " " .. TYPES[state.type] .. " " .. name ..
		(state.client and ", client " .. state.client or "") .. (state.error and ", " .. state.error or "")
	return true
end

local function dissect_qmux(range, pinfo, tree, state)
	if range:len() < 12 or range(0, 1):uint() ~= 1 or range(1, 2):le_uint() + 1 ~= range:len() then
		return false
	end
	state.service, state.client = range(4, 1):uint(), range(5, 1):uint()
	tree:add(F.service, range(4, 1), state.service)
	tree:add(F.client, range(5, 1))
	return dissect_message(range(6), pinfo, tree, state)
end

local function dissect_qrtr(range, pinfo, tree, state)
	if state.port == PORT_CONTROL then
		return false
	end
	tree:add(F.service, state.service):set_generated()
	return dissect_message(range, pinfo, tree, state)
end

-- The header of qmuxd has a layout for 32 and one for 64 bits.
local LAYOUTS = { { 40, 32, 36 }, { 48, 36, 40 } }

local function dissect_qmuxd(range, pinfo, tree, state)
	local kind = range:len() >= 12 and range(8, 4):le_uint()
	for _, layout in ipairs(LAYOUTS) do
		local head, service, client = layout[1], layout[2], layout[3]
		if (kind == 0 or kind == 11) and range:len() >= head + 6 then
			local ctl = kind == 11 or range(service, 1):uint() == CTL
			local size = ctl and 6 or 7
			if range:len() >= head + size and range(head + size - 2, 2):le_uint() == range:len() - head - size then
				state.service = ctl and CTL or range(service, 1):uint()
				state.client = range(client, 1):uint()
				tree:add(F.service, range(service, 1), state.service)
				tree:add(F.client, range(client, 1))
				return dissect_message(range(head), pinfo, tree, state)
			end
		end
	end
	return false
end

local DISSECT = { dissect_qmux, dissect_qrtr, dissect_qmuxd, dissect_qrtr }

local function dissect_link(range, tree, state)
	local large = range(6, 2):le_uint()     -- a service above 255
	state.transport, state.service = range(1, 1):uint(), large > 0xff and large or range(3, 1):uint()
	state.pid, state.connection = range(8, 4):le_uint(), range(12, 4):le_uint()
	state.node, state.port = range(16, 4):le_uint(), range(20, 4):le_uint()
	tree:add(F.version, range(0, 1))
	tree:add(F.transport, range(1, 1))
	tree:add(F.direction, range(2, 1))
	tree:add_le(F.pid, range(8, 4))
	tree:add_le(F.connection, range(12, 4))
	if state.node ~= 0 or state.port ~= 0 then
		tree:add_le(F.node, range(16, 4))
		tree:add_le(F.port, range(20, 4))
	end
	if range(0, 1):uint() == 1 and range:len() > LINK_FIXED then
		tree:add(F.process, range(24, 16), range(24, 16):stringz())
		tree:add(F.device, range(LINK_FIXED), range(LINK_FIXED):stringz())
		state.process, state.device = range(24, 16):stringz(), range(LINK_FIXED):stringz()
	end
end

function qmi.dissector(buffer, pinfo, root)
	if buffer:len() < LINK_ALWAYS or buffer(0, 1):uint() == 0 then
		return 0
	end
	local size = buffer(4, 2):le_uint()
	if size < LINK_ALWAYS or size > buffer:len() then
		return 0
	end
	pinfo.cols.protocol = "QMI"
	local state = { seen = {} }
	local tree = root:add(qmi, buffer())
	dissect_link(buffer(0, size), tree:add(qmi, buffer(0, size), "Link header"), state)
	local to_modem = buffer(2, 1):uint() == 0
	pinfo.cols.src = to_modem and (state.process or "") or (state.device or "")
	pinfo.cols.dst = to_modem and (state.device or "") or (state.process or "")
	if size == buffer:len() then
		return buffer:len()
	end
	local dissect = DISSECT[state.transport]
	if not dissect or not dissect(buffer(size), pinfo, tree, state) then
		tree:add(F.bytes, buffer(size))
		pinfo.cols.info = (TRANSPORTS[state.transport] or "unknown transport") .. ", no QMI message"
	end
	return buffer:len()
end

function qmi.init()
	requests, answers, answered = {}, {}, {}
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, qmi)
