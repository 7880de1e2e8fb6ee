package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	writers   = 4         // goroutines that create files
	smallFile = 256 << 10 // bytes; larger files are written while they are read
	buffers   = 32        // small files under way: 8 MiB at most
)

// A sink creates files below a directory. Directories and links are made at once;
// small files by a few writers, in any order, until settle is called. All paths
// are relative to the directory's descriptor, and every directory on the way was
// made by mkdir before, so that no path can lead through a link.
type sink struct {
	ctx     context.Context         // ends when a writer fails, too
	cancel  context.CancelCauseFunc // with the writer's error
	dir     *os.File
	jobs    chan job
	writers sync.WaitGroup
	pending sync.WaitGroup // jobs that are not done
	free    chan []byte
	wrote   func(name string, sum Sum, stat unix.Stat_t) // may be nil; then nothing is summed up
}

// A header is what a file is besides its content.
type header struct {
	name  string
	mode  uint32
	mtime time.Time
}

// A job is a small file to write.
type job struct {
	header
	data []byte
}

func newSink(ctx context.Context, dir string, wrote func(string, Sum, unix.Stat_t)) (*sink, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if names, err := f.Readdirnames(1); err != io.EOF {
		f.Close()
		if err == nil {
			err = fmt.Errorf("%s must be empty, but there is %q in it", dir, names[0])
		}
		return nil, err
	}
	s := &sink{dir: f, wrote: wrote, jobs: make(chan job, buffers), free: make(chan []byte, buffers)}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	for range buffers {
		s.free <- nil // allocated when first needed
	}
	for range writers {
		s.writers.Go(s.write)
	}
	return s, nil
}

func (s *sink) fd() int { return int(s.dir.Fd()) }

// write works off jobs until there are no more. After an error, any writer's, it
// only discards them: settle counts on every job being done.
func (s *sink) write() {
	for j := range s.jobs {
		if s.ctx.Err() == nil {
			err := s.create(j.header, func(fd int) (sum Sum, err error) {
				if s.wrote != nil {
					sum = sha256.Sum256(j.data)
				}
				return sum, writeAll(fd, j.name, j.data)
			})
			if err != nil {
				s.cancel(err)
			}
		}
		s.free <- j.data
		s.pending.Done()
	}
}

// file takes over size bytes of content. For a small file it returns before the
// file is there.
func (s *sink) file(h header, size int64, content io.Reader) error {
	if size > smallFile {
		return s.create(h, func(fd int) (Sum, error) { return s.copyTo(fd, h.name, size, content) })
	}
	data, err := s.buffer(int(size))
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(content, data); err != nil {
		s.free <- data
		return unexpected(err)
	}
	s.pending.Add(1)
	select {
	case s.jobs <- job{h, data}:
		return nil
	case <-s.ctx.Done():
		s.pending.Done()
		return s.ctx.Err()
	}
}

func (s *sink) buffer(size int) ([]byte, error) {
	select {
	case b := <-s.free:
		if cap(b) < size {
			b = make([]byte, smallFile)
		}
		return b[:size], nil
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
}

func (s *sink) copyTo(fd int, name string, size int64, content io.Reader) (sum Sum, err error) {
	data, err := s.buffer(smallFile)
	if err != nil {
		return sum, err
	}
	defer func() { s.free <- data }()
	h := sha256.New()
	for size > 0 {
		if err := s.ctx.Err(); err != nil {
			return sum, err
		}
		n, err := io.ReadFull(content, data[:min(size, smallFile)])
		if err != nil {
			return sum, unexpected(err)
		}
		if err := writeAll(fd, name, data[:n]); err != nil {
			return sum, err
		}
		if s.wrote != nil {
			h.Write(data[:n])
		}
		size -= int64(n)
	}
	return Sum(h.Sum(nil)), nil
}

// settle waits until the files taken so far are on disk, or have failed.
func (s *sink) settle() {
	s.pending.Wait()
}

// finish waits for the writers and returns the first error of theirs. The sink
// creates no files afterwards.
func (s *sink) finish() error {
	close(s.jobs)
	s.writers.Wait()
	return context.Cause(s.ctx)
}

func (s *sink) close() error {
	s.cancel(nil)
	return s.dir.Close()
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
