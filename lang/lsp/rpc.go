package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
)

// maxMessage is far above the largest script with the largest edit around it.
const maxMessage = 64 << 20 // bytes

// message is a request, a notification (without an id) or a response (without a method) of JSON-RPC 2.0.
type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

// The error codes of JSON-RPC, and two of the language server protocol's own.
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeInvalidParams  = -32602
	codeInternal       = -32603
	codeNotInitialized = -32002
	codeFailed         = -32803
)

var errNotLSP = errors.New("a message without a Content-Length header: this is not the language server protocol")

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *rpcError) Error() string { return e.Message }

// readMessage reads one message with its header. A body that is no message comes back as an *rpcError, after which the
// next one can be read; any other error ends the conversation.
func readMessage(r *bufio.Reader) (*message, error) {
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if broken := (textproto.ProtocolError)(""); errors.As(err, &broken) {
		return nil, errNotLSP
	}
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseUint(header.Get("Content-Length"), 10, 32)
	if err != nil {
		return nil, errNotLSP
	}
	if size > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes is too large", size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	m := &message{}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, &rpcError{codeParse, err.Error()}
	}
	return m, nil
}

func writeMessage(w io.Writer, m *message) error {
	m.JSONRPC = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}
