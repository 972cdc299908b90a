/*
 * Face: a way to reach a modem of qmi-sim from outside the process.
 *
 * Owns: descriptors, what waits to be written, the path in the file system.
 * Does not know: what the bytes mean.
 * Lifetime: opened and closed by main.c; a modem outlives its faces. Called from: main.c, the loop.
 */
#pragma once

#include "loop.h"
#include "usb-net.h"

struct qk_control;
struct qk_outside;
struct qk_sim_face;

/* A pty that speaks QMUX as /dev/cdc-wdm0 does; `path` becomes a symlink to it. One user after the
 * other opens and closes it. 0, or a negative errno with one line in `error`. */
int qk_sim_face_pty_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			 struct qk_sim_face **ret, char *error, size_t error_size);

/* A pty that speaks AT as the modem's first AT port does. */
int qk_sim_face_at_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			struct qk_sim_face **ret, char *error, size_t error_size);

/* QMUX on a listening Unix stream socket: each connection is a port of the modem. */
int qk_sim_face_unix_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			  struct qk_sim_face **ret, char *error, size_t error_size);

/* The modem's own qmuxd: `folder`, which is made if need be, has its socket. Each connection is a program
 * of the modem's Linux. */
int qk_sim_face_qmuxd_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *folder,
			   struct qk_sim_face **ret, char *error, size_t error_size);

/* The modem's services on this kernel's AF_QIPCRTR: servers of the local node, while the modem is up. */
int qk_sim_face_qrtr_open(struct qk_sim_loop *loop, struct qk_sim *sim, struct qk_sim_face **ret,
			  char *error, size_t error_size);

/* Whether this kernel's virtual host controller has `count` ports free. */
int qk_sim_face_usb_check(uint32_t count, char *error, size_t error_size);

/* Plugged into this kernel's virtual host controller, vhci_hcd, as a USB modem with all that its drivers
 * make of it. Needs root. `network` carries its packets (NULL: nobody does); it is borrowed. */
int qk_sim_face_usb_open(struct qk_sim_loop *loop, struct qk_sim *sim,
			 const struct qk_usb_network *network, struct qk_sim_face **ret,
			 char *error, size_t error_size);

/* No face of a modem: the socket through which all of them are controlled. */
int qk_sim_face_control_open(struct qk_sim_loop *loop, struct qk_control *control, const char *path,
			     struct qk_sim_face **ret, char *error, size_t error_size);

/* The packets of its data calls on a listening Unix seqpacket socket, for one user at a time: a message is
 * what a bulk transfer is on the bus. `outside` (borrowed, with its userdata) is behind the calls. */
int qk_sim_face_net_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			 const struct qk_outside *outside, void *outside_userdata,
			 struct qk_sim_face **ret, char *error, size_t error_size);

/* A USB/IP server on a TCP port of 127.0.0.1, for all modems of the program; none is exported yet. */
int qk_sim_face_usbip_open(struct qk_sim_loop *loop, uint16_t port, struct qk_sim_face **ret,
			   char *error, size_t error_size);
/* Exports `sim` as the next busid: 1-1, 1-2, ... `network` as above. -ENOBUFS: too many. */
int qk_sim_face_usbip_add(struct qk_sim_face *face, struct qk_sim *sim,
			  const struct qk_usb_network *network);

/* What every face has; the first member of each. */
struct qk_sim_face {
	void (*close)(struct qk_sim_face *face); /* removes the path and frees */
};
