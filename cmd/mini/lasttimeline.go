package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"mini/build"
)

// keptTimeline is the timeline of the last build of a system that made anything, for a report. It is only a memory: nobody
// minds if it is lost.
type keptTimeline struct {
	Ended time.Time    `json:"ended"`
	Spans []build.Span `json:"spans"`
}

func (s *session) timelineFile() (string, error) {
	dir, err := s.bootDir(s.script)
	return filepath.Join(dir, "timeline.json"), err
}

func (s *session) keepTimeline(run *build.Run) {
	if _, built := run.Count(); built == 0 {
		return
	}
	file, err := s.timelineFile()
	if err != nil {
		return
	}
	text, err := json.Marshal(keptTimeline{time.Now(), s.timeline.Spans()})
	if err == nil && os.MkdirAll(filepath.Dir(file), 0o777) == nil {
		_ = os.WriteFile(file, text, 0o644)
	}
}

func (s *session) lastTimeline() (kept keptTimeline) {
	file, err := s.timelineFile()
	if err != nil {
		return kept
	}
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &kept) != nil {
		return keptTimeline{}
	}
	return kept
}
