# thidua: one word for each thing one does with it.
PYTHON ?= python3

.PHONY: help run test test-fast bench lint lock setup
help:
	@echo "make run        chạy bản trình diễn tại http://127.0.0.1:8000 (serve the demonstration)"
	@echo "make test       chạy toàn bộ kiểm thử (all tests, browser and PostgreSQL too)"
	@echo "make test-fast  các kiểm thử nhanh hằng ngày (the daily subset)"
	@echo "make bench      đo hiệu năng (the benchmark)"
	@echo "make lint       kiểm tra mã (style, types, import contracts)"
	@echo "make lock       khoá lại phiên bản thư viện (compile the lock files)"

run test test-fast bench lint lock setup:
	@$(PYTHON) bootstrap.py $@
