/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of 32 bits: opens a file, makes a directory, writes into a pipe and reads it, makes
 * calls that take and give structs, writes, closes nothing, and ends with status 7.
 * tests/lib/calls.py (OF_32) says what it calls.
 */
	.code32
	.text
	.globl _start
_start:
	mov $5, %eax /* open */
	mov $path, %ebx
	mov $0x80000, %ecx /* O_CLOEXEC */
	int $0x80
	mov $39, %eax /* mkdir */
	mov $path, %ebx
	mov $0710, %ecx
	int $0x80
	mov $42, %eax /* pipe */
	mov $pipes, %ebx
	int $0x80
	mov $4, %eax /* write */
	mov pipes + 4, %ebx
	mov $text + 2, %ecx
	mov $3, %edx
	int $0x80
	mov $3, %eax /* read */
	mov pipes, %ebx
	mov $buffer, %ecx
	mov $64, %edx
	int $0x80
	mov $146, %eax /* writev */
	mov pipes + 4, %ebx
	mov $parts, %ecx
	mov $2, %edx
	int $0x80
	mov $54, %eax /* ioctl */
	mov pipes, %ebx
	mov $0x541b, %ecx /* FIONREAD */
	mov $buffer, %edx
	int $0x80
	mov $221, %eax /* fcntl64 */
	mov pipes, %ebx
	mov $13, %ecx /* F_SETLK64 */
	mov $lock_64, %edx
	int $0x80
	mov $55, %eax /* fcntl */
	mov pipes, %ebx
	mov $6, %ecx /* F_SETLK */
	mov $lock, %edx
	int $0x80
	movl $buffer, parts
	movl $64, parts + 4
	mov $145, %eax /* readv */
	mov pipes, %ebx
	mov $parts, %ecx
	mov $1, %edx
	int $0x80
	mov $197, %eax /* fstat64 */
	mov pipes, %ebx
	mov $buffer, %ecx
	int $0x80
	mov $108, %eax /* fstat */
	mov pipes, %ebx
	mov $buffer, %ecx
	int $0x80
	mov $269, %eax /* fstatfs64 */
	mov pipes, %ebx
	mov $84, %ecx
	mov $buffer, %edx
	int $0x80
	mov $100, %eax /* fstatfs */
	mov pipes, %ebx
	mov $buffer, %ecx
	int $0x80
	mov $75, %eax /* setrlimit */
	mov $7, %ebx /* RLIMIT_NOFILE */
	mov $limits, %ecx
	int $0x80
	mov $191, %eax /* ugetrlimit */
	mov $7, %ebx
	mov $buffer, %ecx
	int $0x80
	mov $340, %eax /* prlimit64 */
	mov $0, %ebx
	mov $7, %ecx
	mov $0, %edx
	mov $buffer, %esi
	int $0x80
	mov $174, %eax /* rt_sigaction */
	mov $10, %ebx /* SIGUSR1 */
	mov $action, %ecx
	mov $0, %edx
	mov $8, %esi
	int $0x80
	mov $174, %eax /* rt_sigaction */
	mov $10, %ebx
	mov $0, %ecx
	mov $buffer, %edx
	mov $8, %esi
	int $0x80
	mov $67, %eax /* sigaction */
	mov $10, %ebx
	mov $0, %ecx
	mov $buffer, %edx
	int $0x80
	mov $162, %eax /* nanosleep */
	mov $times, %ebx
	mov $0, %ecx
	int $0x80
	mov $104, %eax /* setitimer */
	mov $0, %ebx
	mov $times, %ecx
	mov $buffer, %edx
	int $0x80
	mov $142, %eax /* _newselect */
	mov $8, %ebx
	mov $set, %ecx
	mov $0, %edx
	mov $0, %esi
	mov $times, %edi
	int $0x80
	mov $407, %eax /* clock_nanosleep_time64 */
	mov $1, %ebx /* CLOCK_MONOTONIC */
	mov $0, %ecx
	mov $times_64, %edx
	mov $0, %esi
	int $0x80
	mov $370, %eax /* sendmsg */
	mov $-1, %ebx
	mov $message, %ecx
	mov $0, %edx
	int $0x80
	mov $102, %eax /* socketcall: socket */
	mov $1, %ebx
	mov $socket_parameters, %ecx
	int $0x80
	mov %eax, connect_parameters
	mov %eax, send_parameters
	mov $102, %eax /* socketcall: connect */
	mov $3, %ebx
	mov $connect_parameters, %ecx
	int $0x80
	mov $102, %eax /* socketcall: send */
	mov $9, %ebx
	mov $send_parameters, %ecx
	int $0x80
	mov $102, %eax /* socketcall: there is no such one */
	mov $77, %ebx
	mov $0x10, %ecx
	int $0x80
	mov $82, %eax /* select */
	mov $select_parameters, %ebx
	int $0x80
	mov $90, %eax /* mmap */
	mov $mmap_parameters, %ebx
	int $0x80
	mov $211, %eax /* getresgid32 */
	mov $buffer, %ebx
	mov $buffer + 4, %ecx
	mov $buffer + 8, %edx
	int $0x80
	mov $4, %eax /* write */
	mov $1, %ebx
	mov $text, %ecx
	mov $6, %edx
	int $0x80
	mov $6, %eax /* close */
	mov $-1, %ebx
	int $0x80
	mov $1, %eax /* exit */
	mov $7, %ebx
	int $0x80

	.section .rodata
path:
	.asciz "/no/such/file/of/32"
text:
	.ascii "# 32b\n"
	.balign 4
limits:
	.long 100, 200
action:
	.long 1, 0x10000000, 0, 0x200, 1 /* SIG_IGN, SA_RESTART, no restorer, SIGUSR2 and 33 */
times:
	.long 0, 1000, 0, 0
times_64:
	.long 0, 0, 2000, 0
set:
	.long 0x80
	.skip 124
address:
	.short 2, 0x3500 /* AF_INET, port 53 */
	.byte 127, 0, 0, 1
	.skip 8
socket_parameters:
	.long 2, 2, 0 /* AF_INET, SOCK_DGRAM */
select_parameters:
	.long 8, set, 0, 0, times_64
mmap_parameters:
	.long 0, 4096, 1, 0x22, -1, 0 /* PROT_READ, MAP_PRIVATE and MAP_ANONYMOUS */
message:
	.long address, 16, message_parts, 2, controls, 28, 0
lock_64:
	.short 0, 1 /* F_RDLCK, SEEK_CUR */
	.quad 0x100000000, 5
	.long 0
lock:
	.short 0, 1
	.long 6, 7, 0
controls:
	.long 16, 1, 1, 7 /* SOL_SOCKET, SCM_RIGHTS */
	.long 12, 41, 50 /* SOL_IPV6, IPV6_PKTINFO */
message_parts:
	.long text, 2, text + 2, 3
	.data
parts:
	.long text, 2, text + 2, 3
connect_parameters:
	.long 0, address, 16
send_parameters:
	.long 0, text + 2, 3, 0
	.bss
	.balign 4
pipes:
	.skip 8
buffer:
	.skip 128
	.section .note.GNU-stack, "", %progbits
