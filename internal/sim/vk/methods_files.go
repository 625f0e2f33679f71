package vk

import (
	"encoding/json"
	"strings"
)

func (s *Server) photosGetWallUploadServer(c *call) (any, *apiError) {
	group, owner := c.int("group_id"), c.token.UserID
	if group != 0 {
		if !c.token.speaksFor(group) {
			return nil, denied("user should be group editor")
		}
		owner = -group
	}
	return s.photoServer(c, owner, -14), nil
}

func (s *Server) photosGetMessagesUploadServer(c *call) (any, *apiError) {
	owner, failure := s.uploader(c)
	if failure != nil {
		return nil, failure
	}
	return s.photoServer(c, owner, -64), nil
}

func (s *Server) photoServer(c *call, owner, album int) object {
	o := object{
		"upload_url": s.newUpload(upload{kind: "photo", owner: owner, user: c.viewer()}), "album_id": album, "user_id": c.viewer(),
	}
	if owner < 0 {
		o["group_id"] = -owner
	}
	return o
}

// uploader is whose a file for messages will be.
func (s *Server) uploader(c *call) (int, *apiError) {
	if c.token.Kind == CommunityToken {
		if !c.token.may("photos") && !c.token.may("docs") {
			return 0, denied("no access to call this method")
		}
		return -c.token.CommunityID, nil
	}
	return c.token.UserID, nil
}

func (s *Server) photosSaveWallPhoto(c *call) (any, *apiError) {
	owner := c.token.UserID
	if group := c.int("group_id"); group != 0 {
		owner = -group
	}
	return s.savePhoto(c, owner)
}

func (s *Server) photosSaveMessagesPhoto(c *call) (any, *apiError) {
	owner, failure := s.uploader(c)
	if failure != nil {
		return nil, failure
	}
	return s.savePhoto(c, owner)
}

func (s *Server) savePhoto(c *call, owner int) (any, *apiError) {
	var uploaded []struct {
		Photo string `json:"photo"`
	}
	if json.Unmarshal([]byte(c.params.Get("photo")), &uploaded) != nil || len(uploaded) == 0 {
		return nil, badParam("photo is undefined")
	}
	u := s.uploads[uploaded[0].Photo]
	switch {
	case u == nil || u.kind != "photo" || u.file == nil || u.owner != owner:
		return nil, badParam("photo is invalid")
	case c.params.Get("hash") != u.hash:
		return nil, &apiError{121, "Invalid hash"}
	case c.int("server") != 1:
		return nil, &apiError{118, "Invalid server"}
	}
	delete(s.uploads, uploaded[0].Photo)
	u.file.OwnerID, u.file.UserID, u.file.Title = owner, u.user, c.params.Get("caption")
	return []object{s.fileObject(s.addFile(u.file))}, nil
}

func (s *Server) photosGetByID(c *call) (any, *apiError) {
	out := []object{}
	for _, name := range c.list("photos") {
		_, owner, id, ok := mediaName("photo" + strings.TrimSpace(name))
		if f := s.files[fileKey("photo", owner, id)]; ok && f != nil {
			out = append(out, s.fileObject(f))
		}
	}
	return out, nil
}

func (s *Server) docsGetWallUploadServer(c *call) (any, *apiError) {
	owner := c.token.UserID
	if group := c.int("group_id"); group != 0 || c.token.Kind == CommunityToken {
		if group == 0 {
			group = c.token.CommunityID
		}
		if !c.token.speaksFor(group) {
			return nil, denied("no access to this group")
		}
		owner = -group
	}
	return object{"upload_url": s.newUpload(upload{kind: "doc", owner: owner, user: c.viewer()})}, nil
}

func (s *Server) docsGetMessagesUploadServer(c *call) (any, *apiError) {
	owner, failure := s.uploader(c)
	if failure != nil {
		return nil, failure
	}
	if kind := c.params.Get("type"); kind != "" && kind != "doc" {
		return nil, badParam("type is not simulated")
	}
	return object{"upload_url": s.newUpload(upload{kind: "doc", owner: owner, user: c.viewer()})}, nil
}

func (s *Server) docsSave(c *call) (any, *apiError) {
	ticket, hash, _ := strings.Cut(c.params.Get("file"), "|")
	u := s.uploads[ticket]
	if u == nil || u.kind != "doc" || u.file == nil || u.hash != hash {
		return nil, &apiError{105, "Couldn't save file"}
	}
	delete(s.uploads, ticket)
	u.file.OwnerID, u.file.UserID = u.owner, u.user
	if title := c.params.Get("title"); title != "" {
		u.file.Title = title
	}
	return object{"type": "doc", "doc": s.fileObject(s.addFile(u.file))}, nil
}
