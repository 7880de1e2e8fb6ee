package main

import (
	"fmt"
	"strings"
	"time"

	"mini/build"
)

// summarize prints the end of a build: how much was made, and how big the images are.
func (s *session) summarize(run *build.Run, results map[*build.Node]*build.Result, took time.Duration, images []made) {
	total, built := run.Count()
	text := fmt.Sprintf("%d steps: %d built, %d from the cache, in %s", total, built, total-built, round(took))
	if built == 0 {
		text = fmt.Sprintf("nothing to do: all %d steps are in the cache", total)
	}
	if list := sizes(images); len(list) > 0 {
		text += "\n" + strings.Join(list, ", ")
	}
	if s.flags.verbose {
		text += s.criticalPath()
	}
	s.display.Event(build.Event{Kind: build.Summary, Time: time.Now(), Text: text, Done: int64(built), Total: int64(total), Elapsed: took})
}

// sizes are the images with what they take, each once.
func sizes(images []made) []string {
	var list []string
	told := map[build.Artifact]bool{} // a machine boots what another target is
	for _, m := range images {
		if told[*m.artifact] {
			continue
		}
		told[*m.artifact] = true
		if m.size > 0 && !strings.HasSuffix(m.name, ".config") {
			list = append(list, m.name+" "+build.FormatSize(m.size))
		}
	}
	return list
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}
