package learn

import (
	"runtime"
	"syscall"
)

// niceness is far down: whatever people wait for goes first.
const niceness = 15

// calmly does something on a thread of its own that yields to all others. The
// thread ends with it, since its priority cannot be raised again.
func calmly(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		// Where it is not allowed, the work is done all the same.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness)
		do()
	}()
	<-done
}
