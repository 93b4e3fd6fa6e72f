"""Start the browser chat: python app.py."""

from qa.cli import main

if __name__ == "__main__":
    import sys

    sys.argv[1:1] = ["chat"]
    main()
