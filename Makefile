# thidua: one word for each thing one does with it.
PYTHON ?= $(shell for found in python3 python3.12 python3.11; do \
	$$found -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$found && break; done)

.PHONY: help run test test-fast bench lint lock setup
help:
	@echo "make run        chạy bản trình diễn tại http://127.0.0.1:8000 (serve the demonstration)"
	@echo "make setup      cài đặt để chạy thật: thư mục .venv, lệnh thidua (install)"
	@echo "make test       chạy toàn bộ kiểm thử (all tests, browser and PostgreSQL too)"
	@echo "make test-fast  các kiểm thử nhanh hằng ngày (the daily subset)"
	@echo "make bench      đo hiệu năng (the benchmark)"
	@echo "make lint       kiểm tra mã (style, types, import contracts)"
	@echo "make lock       khoá lại phiên bản thư viện (compile the lock files)"

run test test-fast bench lint lock setup:
	@test -n "$(PYTHON)" || { echo "thidua: cần Python 3.11 hoặc 3.12: hãy cài, hoặc chạy make PYTHON=… $@" \
		"(Python 3.11 or 3.12 is needed: install it, or run make PYTHON=… $@)" >&2; exit 1; }
	@$(PYTHON) bootstrap.py $@
