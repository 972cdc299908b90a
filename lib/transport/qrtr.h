/*
 * QRTR, inside: the sockets below the transport, the servers of one node, and the answers to CTL, which
 * QRTR does not have.
 *
 * Owns: the table of servers; qrtr.c owns the sockets.
 * Does not know: devices, transactions.
 * Lifetime: that of the transport.
 * Called from: the files of lib/transport, ports (to list nodes), tests.
 */
#pragma once

#include <qmikit/transport.h>

/* What AF_QIPCRTR does for us: the kernel's (qk_qrtr_kernel), or that of a test. */
struct qk_qrtr_net {
	/* A socket that does not block, for a port of its own: its descriptor, and the node that this
	 * machine is; or a negative errno. */
	int (*open)(void *context, uint32_t *ret_local_node);
	/* 0, or a negative errno; -EAGAIN: it takes nothing now. */
	int (*send)(int fd, uint32_t node, uint32_t port, struct qk_span bytes);
	/* The bytes of one datagram and whose it is, or a negative errno; -EAGAIN: there is none;
	 * -EMSGSIZE: it was longer than `size` and is lost. */
	int (*receive)(int fd, uint8_t *buffer, size_t size, uint32_t *ret_node,
		       uint32_t *ret_port);
};

extern const struct qk_qrtr_net qk_qrtr_kernel;

/* A transport to `node`. The look-up of its services has been asked for when this returns. */
QK_MUST_CHECK int qk_qrtr_open(const struct qk_qrtr_net *net, void *context, uint32_t node,
			       struct qk_transport **ret);

/* Asks the name service on a socket of `net` for all servers, or only for those of `service` (0: all);
 * later it tells what changes. */
QK_MUST_CHECK int qk_qrtr_look_up(const struct qk_qrtr_net *net, int fd, uint32_t local_node,
				  uint32_t service);

/* The nodes that offer QMI services of a modem, at most `max`, sorted: how many. -EAFNOSUPPORT when
 * this kernel has no QRTR (nothing is loaded for the asking); -ETIMEDOUT when the name service does not
 * answer; or another negative errno. */
QK_MUST_CHECK int qk_qrtr_list_nodes(const struct qk_qrtr_net *net, void *context, uint32_t *ret,
				     size_t max);

/* Whether the kernel has AF_QIPCRTR now. To ask socket(2) would load the module. */
bool qk_qrtr_is_there(void);

/* The servers of one node. */
#define QK_QRTR_SERVERS_MAX 256

struct qk_qrtr_server {
	uint32_t service, instance, port; /* `instance` as in struct qk_qrtr_control */
};

struct qk_qrtr_servers {
	struct qk_qrtr_server items[QK_QRTR_SERVERS_MAX];
	size_t count;
};

/* What has the same port is replaced; what is too much is forgotten. */
void qk_qrtr_servers_add(struct qk_qrtr_servers *servers, const struct qk_qrtr_server *server);
void qk_qrtr_servers_remove(struct qk_qrtr_servers *servers, uint32_t port);
bool qk_qrtr_servers_have(const struct qk_qrtr_servers *servers, uint32_t service, uint32_t port);
/* The one of `service` with the highest version, of those that with the lowest instance; or NULL. */
const struct qk_qrtr_server *qk_qrtr_servers_find(const struct qk_qrtr_servers *servers,
						  uint32_t service);

/* CTL. The errors are those of QMI (enum qk_error). */
struct qk_qrtr_clients {
	uint16_t (*allocate)(void *self, uint16_t service, uint8_t *ret_client);
	uint16_t (*release)(void *self, uint16_t service, uint8_t client);
	void (*release_all)(void *self);
};

/* Answers a request of CTL into `buffer`: the bytes of the frame, or a negative errno. */
QK_MUST_CHECK int qk_qrtr_answer_ctl(const struct qk_frame *request,
				     const struct qk_qrtr_servers *servers,
				     const struct qk_qrtr_clients *clients, void *self,
				     uint8_t *buffer, size_t size);

/* Answers any request with an error alone. */
QK_MUST_CHECK int qk_qrtr_refuse(const struct qk_frame *request, uint16_t error, uint8_t *buffer,
				 size_t size);

/* Writes that the client's id is void (CTL Revoke Client ID). */
QK_MUST_CHECK int qk_qrtr_write_revoked(uint8_t service, uint8_t client, uint8_t *buffer,
					size_t size);
