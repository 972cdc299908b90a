/*
 * Recorder datagram: sockets of the IPC router, where a QMI message is a datagram and its address
 * says which service it is for (see recorder.h).
 *
 * Sources: Linux include/uapi/linux/qrtr.h (control packets, addresses); the layout of MSM IPC's
 * address: openqti ipc.h, as in ec25-eux reference 9.3.
 */
#include <errno.h>
#include <string.h>

#include "recorder.h"

enum { QRTR_NEW_SERVER = 4, CONTROL_SIZE = 20 };
enum { MSM_IPC_BY_SERVICE = 2 };
enum { NUMBERS_OF_QRTR = 4, NUMBERS_OF_MSM_IPC = 8, KIND_OF_MSM_IPC = 4 }; /* where they are */

bool qk_recorder_is_datagram(const struct qk_recorder_connection *connection)
{
	return connection->transport == QK_LINK_QRTR || connection->transport == QK_LINK_MSM_IPC;
}

/* Addresses are in the machine's own byte order, packets are little endian. */
static uint32_t native(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static uint32_t little(const uint8_t *bytes)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ bytes, 4 });

	return (uint32_t)qk_cursor_uint(&c, 4, false);
}

/* --- Services, by node and port: a table whose places are taken in turn where two would collide */

static _Atomic(uint64_t) *place(uint32_t node, uint32_t port)
{
	struct qk_recorder *recorder = qk_recorder();

	return &recorder->services[(node * 31 + port) %
				   (sizeof(recorder->services) / sizeof(recorder->services[0]))];
}

/* Nodes of QRTR are small numbers, ports have 16 bits: 16, 32 and 16 bits hold an entry. */
static uint64_t entry(uint32_t node, uint32_t port, uint16_t service)
{
	return (uint64_t)node << 48 | (uint64_t)port << 16 | service;
}

static uint16_t service_at(uint32_t node, uint32_t port)
{
	uint64_t there = atomic_load(place(node, port));

	return (there ^ entry(node, port, 0)) >> 16 ? QK_LINK_SERVICE_UNKNOWN : (uint16_t)there;
}

/* A server that is announced, {command, service, instance, node, port}. Who announces one to the
 * name service is that server. */
static void learn(struct qk_recorder_connection *connection, bool written, const uint8_t *packet,
		  size_t size)
{
	if (size < CONTROL_SIZE || little(packet) != QRTR_NEW_SERVER)
		return;
	uint32_t service = little(packet + 4), node = little(packet + 12),
		 port = little(packet + 16);
	if (service == 0 || service == QK_LINK_SERVICE_UNKNOWN || service > UINT16_MAX)
		return;
	if (written) {
		atomic_store(&connection->modem_end, true);
		atomic_store(&connection->service, (uint16_t)service);
	} else {
		atomic_store(place(node, port), entry(node, port, (uint16_t)service));
	}
}

/* --- Addresses */

static struct qk_recorder_remote connected_to(struct qk_recorder_connection *connection)
{
	return (struct qk_recorder_remote){
		.service = atomic_load(&connection->service),
		.node = atomic_load(&connection->node),
		.port = atomic_load(&connection->port),
	};
}

static struct qk_recorder_remote remote_of(struct qk_recorder_connection *connection,
					   const uint8_t *address, size_t size)
{
	bool qrtr = connection->transport == QK_LINK_QRTR;
	size_t numbers = qrtr ? NUMBERS_OF_QRTR : NUMBERS_OF_MSM_IPC;
	struct qk_recorder_remote remote = connected_to(connection);

	if (size < numbers + 8)
		return remote;
	uint32_t first = native(address + numbers), second = native(address + numbers + 4);
	if (!qrtr && address[KIND_OF_MSM_IPC] == MSM_IPC_BY_SERVICE) {
		remote.service = first <= UINT16_MAX ? (uint16_t)first : QK_LINK_SERVICE_UNKNOWN;
		/* answers come from a node and a port: a socket is one client of one service */
		atomic_store(&connection->service, remote.service);
		return remote;
	}
	remote.node = first;
	remote.port = second;
	if (qrtr && !atomic_load(&connection->modem_end))
		remote.service = service_at(first, second);
	return remote;
}

void qk_recorder_datagram_connected(struct qk_recorder_connection *connection, const void *address,
				    size_t size)
{
	struct qk_recorder_remote remote = remote_of(connection, address, size);

	atomic_store(&connection->node, remote.node);
	atomic_store(&connection->port, remote.port);
	if (!atomic_load(&connection->modem_end))
		atomic_store(&connection->service, remote.service);
}

/* --- Datagrams */

/* A datagram in one run of bytes. In parts it is put together in a side's buffer; false when another
 * thread is at that. */
static bool gather(const struct qk_recorder_passed *passed, struct qk_recorder_side *side,
		   uint8_t *begun, struct qk_span *ret)
{
	if (passed->count == 1) {
		size_t size = passed->parts[0].iov_len;
		*ret = (struct qk_span){ passed->parts[0].iov_base,
					 size < passed->size ? size : passed->size };
		return true;
	}
	size_t used = 0;
	if (!qk_recorder_side_enter(side))
		return false;
	for (size_t i = 0; i < passed->count && used < passed->size; i++) {
		size_t size = passed->parts[i].iov_len, left = passed->size - used;
		size = size < left ? size : left;
		if (size > QK_FRAME_MAX - used)
			size = QK_FRAME_MAX - used;
		memcpy(begun + used, passed->parts[i].iov_base, size);
		used += size;
	}
	*ret = (struct qk_span){ begun, used };
	return true;
}

void qk_recorder_datagram(struct qk_recorder_connection *connection,
			  const struct qk_recorder_passed *passed, const void *address,
			  size_t address_size)
{
	struct qk_recorder_side *side = &connection->sides[passed->written ? 0 : 1];
	int error = errno;
	struct qk_span bytes;

	struct qk_recorder_remote remote = address_size
						   ? remote_of(connection, address, address_size)
						   : connected_to(connection);
	if (gather(passed, side, connection->begun[passed->written ? 0 : 1], &bytes)) {
		if (remote.port == QK_LINK_PORT_CONTROL) {
			learn(connection, passed->written, bytes.data, bytes.size);
			remote.service = QK_LINK_SERVICE_UNKNOWN;
		}
		qk_recorder_write(connection, passed->written, passed->time_nsec, bytes, &remote);
		if (passed->count != 1)
			qk_recorder_side_leave(side);
	}
	errno = error;
}
